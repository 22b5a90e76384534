package io.temponest.gateway.account;

import io.temponest.account.OpaqueToken;
import io.temponest.account.User;
import io.temponest.account.UserStore;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.account.SignInEndpoints.Me;
import io.temponest.gateway.auth.ConsoleCookie;
import io.temponest.gateway.auth.Sessions;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.limit.RouteClass;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signing in to the console and out of it, with a cookie that no script can read. */
public final class ConsoleEndpoints {

    private static final String PATH = "/v1/auth/session";

    private final UserStore users;
    private final PasswordSignIn signIn;
    private final Sessions sessions;
    private final SessionEndpoints ending;

    public ConsoleEndpoints(UserStore users, PasswordSignIn signIn, Sessions sessions, SessionEndpoints ending) {
        this.users = users;
        this.signIn = signIn;
        this.sessions = sessions;
        this.ending = ending;
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.post(PATH, Access.PUBLIC, BodyKind.JSON, this::begin).limited(RouteClass.LOGIN),
                Endpoint.delete(PATH, Access.SELF, this::end));
    }

    /** Another site must not sign a browser in as somebody of its choice: no form can send JSON, and no script from elsewhere. */
    private Future<Answer> begin(Call call) {
        if (call.header("content-type").isEmpty() || !call.sameOrigin()) {
            return Future.failedFuture(ApiError.of(
                            ErrorType.PERMISSION_ERROR,
                            "csrf_failed",
                            "Signing in to the console takes a request of type application/json from this server's pages.")
                    .exception());
        }
        return signIn.signIn(
                call,
                user -> sql -> sessions.beginConsole(sql, user.user(), call.actor())
                        .compose(cookie ->
                                users.get(sql, user.user()).map(found -> begun(found.orElseThrow(), cookie))));
    }

    private static Answer begun(User user, OpaqueToken cookie) {
        return new Answer.Json(
                200,
                Me.of(user, Rights.names(user.permissions()), Optional.of(cookie)),
                Map.of("set-cookie", ConsoleCookie.set(cookie, Sessions.CONSOLE_LIFE)));
    }

    private record Ended(String object, boolean deleted) {}

    private Future<Answer> end(Call call) {
        return ending.logout(call)
                .map(done ->
                        new Answer.Json(200, new Ended("session", true), Map.of("set-cookie", ConsoleCookie.clear())));
    }
}
