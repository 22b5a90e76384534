package io.temponest.gateway.ops;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.Sha256;
import java.util.Base64;
import java.util.Locale;

/** The API's description as a page to read: no script, nothing from elsewhere. */
final class DocsPage {

    private static final String STYLE = """
            :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
            h2{margin-top:2.5rem;border-bottom:1px solid}code,pre{font-family:ui-monospace,monospace;font-size:.9em}
            pre{overflow-x:auto;padding:.75rem;border:1px solid}details{margin:.5rem 0}summary{cursor:pointer}
            .verb{display:inline-block;min-width:4.5rem;font-weight:700}table{border-collapse:collapse}
            td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}""";

    private final StringBuilder page = new StringBuilder(64 << 10);

    private DocsPage() {}

    /** The policy that lets the page's own style through and nothing else. */
    static String contentSecurityPolicy() {
        return "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                .formatted(Base64.getEncoder().encodeToString(Sha256.of(STYLE)));
    }

    static String html(OpenApi api) {
        DocsPage docs = new DocsPage();
        docs.write(api.document());
        return docs.page.toString();
    }

    private void write(JsonNode api) {
        String title = escape(api.at("/info/title").asText());
        page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(title)
                .append("</title><meta name=\"viewport\" content=\"width=device-width\"><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(title)
                .append(" ")
                .append(escape(api.at("/info/version").asText()))
                .append("</h1>");
        paragraphs(api.at("/info/description").asText());
        page.append("<p>The same for programs: <a href=\"/openapi.json\">/openapi.json</a>.</p>");
        api.path("tags").forEach(tag -> section(api, tag));
        page.append("<h2>Shapes</h2>");
        api.at("/components/schemas").properties().forEach(schema -> {
            page.append("<details id=\"").append(escape(schema.getKey())).append("\"><summary><code>");
            page.append(escape(schema.getKey())).append("</code></summary>");
            pre(schema.getValue());
            page.append("</details>");
        });
        page.append("</body></html>");
    }

    private void section(JsonNode api, JsonNode tag) {
        String name = tag.path("name").asText();
        page.append("<h2>").append(escape(name)).append("</h2>");
        paragraphs(tag.path("description").asText());
        api.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (operation.getValue().at("/tags/0").asText().equals(name)) {
                        operation(operation.getKey(), path.getKey(), operation.getValue());
                    }
                }));
    }

    private void operation(String verb, String path, JsonNode operation) {
        page.append("<details><summary><span class=\"verb\">")
                .append(verb.toUpperCase(Locale.ROOT))
                .append("</span> <code>")
                .append(escape(path))
                .append("</code> ")
                .append(escape(operation.path("summary").asText()))
                .append("</summary>");
        paragraphs(operation.path("description").asText());
        String permission = operation.path("x-permission").asText();
        if (!permission.isEmpty()) {
            page.append("<p>Permission: <code>").append(escape(permission)).append("</code></p>");
        }
        parameters(operation.path("parameters"));
        operation.at("/requestBody/content").properties().forEach(body -> {
            page.append("<h4>Request: ").append(escape(body.getKey())).append("</h4>");
            pre(body.getValue().path("schema"));
        });
        page.append("<h4>Answers</h4><table>");
        operation
                .path("responses")
                .properties()
                .forEach(answer -> page.append("<tr><td>")
                        .append(escape(answer.getKey()))
                        .append("</td><td>")
                        .append(escape(answer.getValue().path("description").asText()))
                        .append("</td></tr>"));
        page.append("</table></details>");
    }

    private void parameters(JsonNode parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        page.append("<h4>Parameters</h4><table>");
        parameters.forEach(parameter -> {
            String reference = parameter.path("$ref").asText();
            String name = reference.isEmpty()
                    ? parameter.path("name").asText()
                    : reference.substring(reference.lastIndexOf('/') + 1);
            page.append("<tr><td><code>")
                    .append(escape(name))
                    .append("</code></td><td>")
                    .append(escape(parameter.path("in").asText()))
                    .append("</td><td>")
                    .append(escape(parameter.path("description").asText()))
                    .append("</td></tr>");
        });
        page.append("</table>");
    }

    private void paragraphs(String text) {
        if (!text.isBlank()) {
            for (String paragraph : text.strip().split("\n\n", -1)) {
                page.append("<p>").append(escape(paragraph)).append("</p>");
            }
        }
    }

    private void pre(JsonNode node) {
        page.append("<pre>").append(escape(node.toPrettyString())).append("</pre>");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
