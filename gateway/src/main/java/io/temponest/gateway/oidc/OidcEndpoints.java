package io.temponest.gateway.oidc;

import io.temponest.error.ApiError;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.gateway.oidc.OidcSignIn.Confirmed;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Signing in to the console through a provider: the list of them, the way there and the way back. */
public final class OidcEndpoints {

    private static final String PATH = "/v1/auth/oidc";
    private static final String STATE = "state";
    private static final String CODE = "code";
    private static final String ISSUER = "iss";
    private static final String ERROR = "error";
    private static final int LONGEST = 4_096;

    private final SignInProviders providers;
    private final OidcSignIn signIn;
    private final RandomGenerator random;
    private final InstantSource clock;

    /** @param random a source of secrets, such as {@link java.security.SecureRandom} */
    public OidcEndpoints(SignInProviders providers, OidcSignIn signIn, RandomGenerator random, InstantSource clock) {
        this.providers = providers;
        this.signIn = signIn;
        this.random = random;
        this.clock = clock;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get(PATH, Access.PUBLIC, this::list),
                Endpoint.get(PATH + "/{provider}", Access.PUBLIC, this::begin)
                        .with(Set.of(ReturnTo.PARAMETER))
                        .limited(RouteClass.LOGIN),
                Endpoint.get(PATH + "/{provider}/callback", Access.PUBLIC, this::finish)
                        .with(Set.of(STATE, CODE, ISSUER, ERROR))
                        .andAnyFurther()
                        .limited(RouteClass.LOGIN));
    }

    /** @param url where a browser begins to sign in */
    private record ProviderView(String object, String name, String url) {

        static ProviderView of(SignInProvider provider) {
            return new ProviderView("oidc_provider", provider.name(), PATH + "/" + provider.name());
        }
    }

    private Future<Answer> list(Call call) {
        return Future.succeededFuture(Answer.ok(
                Listing.all(providers.all().stream().map(ProviderView::of).toList(), ProviderView::name)));
    }

    private SignInProvider provider(Call call) {
        String name = call.path("provider");
        return providers
                .find(name)
                .orElseThrow(() -> ApiError.notFound("provider", name).exception());
    }

    private Future<Answer> begin(Call call) {
        SignInProvider provider = provider(call);
        Flow flow = Flow.begin(random, ReturnTo.read(call.query().text(ReturnTo.PARAMETER)), clock.instant());
        return provider.authorization(flow)
                .map(there -> new Answer.SeeOther(
                        there.toString(), List.of(providers.cookie().set(provider.name(), flow))));
    }

    private Future<Answer> finish(Call call) {
        SignInProvider provider = provider(call);
        // Whatever becomes of it, the browser has no more use for it.
        call.setCookie(FlowCookie.clear());
        String state = Fields.text(STATE, call.query().text(STATE), LONGEST);
        Optional<String> error = call.query().text(ERROR);
        Optional<String> code = call.query().text(CODE);
        Optional<String> issuer = call.query().text(ISSUER);
        Flow flow = providers
                .cookie()
                .of(call.headers("cookie"), provider.name())
                .filter(begun -> begun.isOf(state, clock.instant()))
                .orElseThrow(Refusal.STATE_INVALID::exception);
        return signIn.first(flow)
                .compose(first ->
                        first ? provider.checkIssuer(issuer) : Future.failedFuture(Refusal.STATE_INVALID.exception()))
                .compose(ours -> error.isPresent()
                        ? Future.failedFuture(refusal(error.get()).exception())
                        : provider.identify(Fields.text(CODE, code, LONGEST), flow))
                .compose(claims -> signIn.signIn(call, new Confirmed(provider.name(), claims, flow.returnTo())));
    }

    /** What a provider's error means here (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6). */
    private static Refusal refusal(String error) {
        return switch (error) {
            case "access_denied",
                    "login_required",
                    "consent_required",
                    "interaction_required",
                    "account_selection_required" -> Refusal.ACCESS_DENIED;
            case "temporarily_unavailable", "server_error" -> Refusal.PROVIDER_UNAVAILABLE;
            default -> Refusal.PROVIDER_UNUSABLE;
        };
    }
}
