package io.temponest.gateway.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.Optional;

/**
 * What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it matters here.
 *
 * @param basic whether the token endpoint wants the client's secret in the {@code Authorization} header, not in the body
 * @param namesIssuer whether answers to the browser name the issuer (RFC 9207)
 */
record Metadata(URI authorizationEndpoint, URI tokenEndpoint, URI jwksUri, boolean basic, boolean namesIssuer) {

    private static final String BASIC = "client_secret_basic";
    private static final String POST = "client_secret_post";

    /** Where an issuer keeps the document (section 4). */
    static URI address(String issuer) {
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        return URI.create(base + "/.well-known/openid-configuration");
    }

    /** @throws IllegalArgumentException when the document is not this issuer's, or leads where others could listen */
    static Metadata read(JsonNode document, String issuer) {
        if (!document.path("issuer").isTextual()
                || !document.path("issuer").asText().equals(issuer)) {
            throw new IllegalArgumentException("the document is of another issuer");
        }
        return new Metadata(
                endpoint(document, "authorization_endpoint"),
                endpoint(document, "token_endpoint"),
                endpoint(document, "jwks_uri"),
                basic(document.path("token_endpoint_auth_methods_supported")),
                document.path("authorization_response_iss_parameter_supported").asBoolean(false));
    }

    private static URI endpoint(JsonNode document, String name) {
        return Optional.of(document.path(name))
                .filter(JsonNode::isTextual)
                .flatMap(url -> OidcConfig.secure(url.asText()))
                .orElseThrow(() -> new IllegalArgumentException(name + " is no https URL"));
    }

    private static boolean basic(JsonNode methods) {
        // Absent, it is client_secret_basic.
        if (methods.isMissingNode() || methods.valueStream().anyMatch(method -> BASIC.equals(method.asText()))) {
            return true;
        }
        if (methods.valueStream().anyMatch(method -> POST.equals(method.asText()))) {
            return false;
        }
        throw new IllegalArgumentException("the token endpoint takes no client secret");
    }
}
