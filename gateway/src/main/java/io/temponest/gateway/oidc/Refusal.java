package io.temponest.gateway.oidc;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;

/** Why somebody is not signed in, in words that are ours: nothing that a provider or a browser sent is repeated. */
enum Refusal {
    STATE_INVALID(
            ErrorType.AUTHENTICATION_ERROR,
            "This sign-in was not begun in this browser, is too old, or has been finished before; begin again."),
    ISSUER_WRONG(ErrorType.AUTHENTICATION_ERROR, "The answer is not from the provider that was asked."),
    ACCESS_DENIED(ErrorType.AUTHENTICATION_ERROR, "The provider did not confirm who signs in."),
    CODE_REFUSED(ErrorType.AUTHENTICATION_ERROR, "The provider does not know this sign-in, or not any more."),
    TOKEN_INVALID(ErrorType.AUTHENTICATION_ERROR, "What the provider says of who signs in cannot be verified."),
    EMAIL_UNVERIFIED(ErrorType.AUTHENTICATION_ERROR, "The provider has not verified the e-mail address."),
    ACCOUNT_UNKNOWN(ErrorType.AUTHENTICATION_ERROR, "Nobody here has this e-mail address; ask for an invitation."),
    ACCOUNT_INACTIVE(ErrorType.AUTHENTICATION_ERROR, "This account may not sign in."),
    IDENTITY_CONFLICT(
            ErrorType.AUTHENTICATION_ERROR, "This account is linked to another identity of the same provider."),
    PROVIDER_UNAVAILABLE(ErrorType.UPSTREAM_ERROR, "The identity provider does not answer; try again shortly."),
    PROVIDER_UNUSABLE(ErrorType.UPSTREAM_ERROR, "The identity provider does not answer as it must, or refuses us.");

    private final ErrorType type;
    private final String message;

    Refusal(ErrorType type, String message) {
        this.type = type;
        this.message = message;
    }

    ApiException exception() {
        return ApiError.of(type, code(), message).exception();
    }

    String code() {
        return "oidc_" + name().toLowerCase(java.util.Locale.ROOT);
    }
}
