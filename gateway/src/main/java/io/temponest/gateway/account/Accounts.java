package io.temponest.gateway.account;

import io.temponest.account.ApiKeyStore;
import io.temponest.account.InvitationStore;
import io.temponest.account.MemberStore;
import io.temponest.account.PasswordResetStore;
import io.temponest.account.PasswordRules;
import io.temponest.account.RefreshTokenStore;
import io.temponest.account.RoleStore;
import io.temponest.account.SignInLockStore;
import io.temponest.account.TenantStore;
import io.temponest.account.UserIdentityStore;
import io.temponest.account.UserSessionStore;
import io.temponest.account.UserStore;
import io.temponest.agent.AgentStore;
import io.temponest.bus.Bus;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.auth.AccessTokens;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.auth.Sessions;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.oidc.OidcEndpoints;
import io.temponest.gateway.oidc.OidcSignIn;
import io.temponest.gateway.oidc.SignInProviders;
import io.temponest.identity.Ids;
import io.temponest.mail.Mailer;
import io.temponest.store.Postgres;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Everything about accounts: who may sign in, as whom, and with what. */
public final class Accounts {

    private Accounts() {}

    /** What it stands on. */
    public record Foundation(Postgres postgres, Bus bus, Changes changes, AccessLog log, Mailer mailer) {}

    /** What tokens and passwords are made and checked with, and who else may say who somebody is. */
    public record Credentials(
            JwtKeys keys, PasswordRules rules, ApiKeyStore apiKeys, SignInProviders providers, InstantSource clock) {}

    public static List<Endpoint> endpoints(Foundation on, Credentials credentials) {
        Ids ids = new Ids();
        RandomGenerator random = new SecureRandom();
        Postgres postgres = on.postgres();
        Changes changes = on.changes();
        AccessLog log = on.log();
        UserStore users = new UserStore(postgres, ids);
        UserSessionStore sessionStore = new UserSessionStore(postgres, ids);
        RoleStore roles = new RoleStore(ids);
        InvitationStore invitations = new InvitationStore(postgres, ids);
        Passwords passwords = new Passwords(on.bus(), credentials.rules(), new SignInLockStore(postgres));
        PasswordSignIn signIn = new PasswordSignIn(users, passwords, changes);
        Sessions sessions = new Sessions(
                postgres,
                new Sessions.Stores(users, sessionStore, new RefreshTokenStore(postgres, ids)),
                new AccessTokens(credentials.keys()),
                log,
                new Sessions.Minting(ids, random, credentials.clock()));
        SessionEndpoints ending = new SessionEndpoints(sessionStore, changes, log);
        PasswordEndpoints.Post post = new PasswordEndpoints.Post(on.mailer(), random);
        return Stream.of(
                        new SignInEndpoints(users, signIn, sessions, credentials.keys()).all(),
                        ending.all(),
                        new ConsoleEndpoints(users, signIn, sessions, ending).all(),
                        new OidcEndpoints(
                                        credentials.providers(),
                                        new OidcSignIn(users, new UserIdentityStore(postgres), sessions, changes),
                                        random,
                                        credentials.clock())
                                .all(),
                        new RegisterEndpoint(
                                        new RegisterEndpoint.Stores(
                                                new TenantStore(ids), users, new AgentStore(postgres, ids)),
                                        passwords,
                                        changes)
                                .all(),
                        new PasswordEndpoints(
                                        new PasswordEndpoints.Stores(
                                                users,
                                                sessionStore,
                                                new PasswordResetStore(postgres, ids),
                                                credentials.apiKeys()),
                                        passwords,
                                        changes,
                                        log,
                                        post)
                                .all(),
                        new UserEndpoints(
                                        postgres,
                                        new UserEndpoints.Stores(
                                                users,
                                                new MemberStore(),
                                                roles,
                                                sessionStore,
                                                credentials.apiKeys(),
                                                invitations),
                                        changes,
                                        log)
                                .all(),
                        new RoleEndpoints(postgres, roles, invitations, changes, log).all(),
                        new InvitationEndpoints(
                                        postgres,
                                        new InvitationEndpoints.Stores(invitations, roles, users),
                                        passwords,
                                        changes,
                                        post)
                                .all(),
                        new TenantEndpoints(postgres, changes).all(),
                        new ApiKeyEndpoints(credentials.apiKeys(), changes, log, credentials.clock()).all())
                .flatMap(List::stream)
                .toList();
    }
}
