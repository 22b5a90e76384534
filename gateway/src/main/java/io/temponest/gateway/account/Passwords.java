package io.temponest.gateway.account;

import io.temponest.account.PasswordRules;
import io.temponest.account.SignInLockStore;
import io.temponest.account.SignInLockStore.Attempt;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.HashingAddresses;
import io.temponest.identity.HashingAddresses.Hash;
import io.temponest.identity.HashingAddresses.Hashed;
import io.temponest.identity.HashingAddresses.Verified;
import io.temponest.identity.HashingAddresses.Verify;
import io.vertx.core.Future;
import java.util.Optional;

/** Checks passwords, slower the more of them were wrong, and hashes those that people choose. */
public final class Passwords {

    static final int LONGEST = 1_024;

    private final Bus bus;
    private final PasswordRules rules;
    private final SignInLockStore locks;

    public Passwords(Bus bus, PasswordRules rules, SignInLockStore locks) {
        this.bus = bus;
        this.rules = rules;
        this.locks = locks;
    }

    SignInLockStore locks() {
        return locks;
    }

    static Attempt attempt(Call call, String email) {
        return new Attempt(email, call.client().site(), call.actor());
    }

    /**
     * Whether a password is the hash's. Without a hash the same is asked and done, and the answer is no. Fails with
     * {@code rate_limit_error} where too many were wrong before, with {@code overloaded_error} where too many are being checked.
     */
    Future<Boolean> matches(Call call, Attempt attempt, String password, Optional<String> hash) {
        return locks.wait(attempt).compose(wait -> {
            if (!wait.isZero()) {
                call.retryAfter(wait);
                return Future.failedFuture(ApiError.of(
                                ErrorType.RATE_LIMIT_ERROR,
                                "sign_in_locked",
                                "Too many attempts have failed; try again later.")
                        .exception());
            }
            return bus.ask(HashingAddresses.VERIFY, new Verify(password, hash), call.deadline())
                    .map(Verified::matches)
                    .compose(matches -> matches
                            ? Future.succeededFuture(true)
                            : locks.failed(attempt).map(false));
        });
    }

    /** The hash of a password that somebody chooses; a 400 says what is wrong with it. */
    Future<String> hash(Call call, String field, Optional<String> password, String email) {
        String chosen = Fields.required(field, password);
        Optional<String> objection = rules.objection(chosen, email);
        if (objection.isPresent()) {
            return Future.failedFuture(
                    ApiError.invalid(field, "password_unfit", "'%s' %s.".formatted(field, objection.get()))
                            .exception());
        }
        return bus.ask(HashingAddresses.HASH, new Hash(chosen), call.deadline()).map(Hashed::hash);
    }
}
