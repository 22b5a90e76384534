package io.temponest.gateway.account;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.http.Call;
import io.temponest.identity.Principal;
import io.temponest.identity.TypeId;

/** A person who is signed in, as opposed to a program with a key: a key cannot do what concerns its owner's sign-in. */
record SignedIn(TypeId user, TypeId session) {

    static SignedIn of(Call call) {
        Principal by = call.principal();
        if (by.user().isEmpty() || by.session().isEmpty()) {
            throw ApiError.of(
                            ErrorType.PERMISSION_ERROR,
                            "session_needed",
                            "This is for people who have signed in, not for API keys.")
                    .exception();
        }
        return new SignedIn(by.user().get(), by.session().get());
    }
}
