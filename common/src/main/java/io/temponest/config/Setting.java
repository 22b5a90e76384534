package io.temponest.config;

/**
 * Every setting that the configuration reads; the README's table is made from it. The name in the environment is
 * {@code TEMPONEST_} and the constant's name; {@code …_FILE} names a file that holds the value.
 */
public enum Setting {
    ENV("development", "`development` or `production`; production refuses weak secrets"),
    HTTP_HOST("127.0.0.1", "address that the API listens on"),
    HTTP_PORT("8080", "port of the API; 0 takes a free one"),
    OPS_PORT("9464", "port of `/metrics` and the health checks, on the same address; 0 takes a free one"),
    DATA_DIR("./.temponest", "folder of the embedded database, keys and first credentials"),
    DATABASE_URL(
            "",
            "`postgresql://user:password@host:port/database` for the service, with `?sslmode=verify-full&sslrootcert=FILE` over TLS; absent: embedded"),
    DATABASE_OWNER_URL("", "the same for the role that migrates; absent: `DATABASE_URL`'s"),
    DATABASE_POOL("20", "connections that one process may open for tenant work; the engine may open as many again"),
    REDIS_URL("", "`redis://:password@host:port/database` that all nodes share for limits and caches; absent: none"),
    LIMITS_FILE("", "JSON file with rate limits that override the built-in ones; read again when it changes"),
    TRUSTED_PROXIES(
            "", "comma-separated addresses or CIDRs of proxies whose `Forwarded` or `X-Forwarded-For` is believed"),
    CLUSTER("off", "`off` or `static`: join the nodes in `CLUSTER_MEMBERS`"),
    CLUSTER_HOST("127.0.0.1", "address that this node gives to the others"),
    CLUSTER_PORT("5701", "port of this node's membership protocol"),
    CLUSTER_MEMBERS("", "comma-separated `host:port` of nodes to join; some of them may be down"),
    CLUSTER_TLS_CERT(
            "", "PEM file with the certificate chain of this node on the bus; absent: the bus is not encrypted"),
    CLUSTER_TLS_KEY("", "PEM file with the private key of `CLUSTER_TLS_CERT`"),
    CLUSTER_TLS_CA("", "PEM file with the authorities of this cluster's nodes; whoever they certify may use the bus"),
    DEFAULT_MODEL("temponest/extractive", "model of agents that name none"),
    JWT_KEYS("", "PEM file with the RSA private key that signs access tokens; absent: made in `DATA_DIR`"),
    SECRET_KEY(
            "",
            "base64 of 32 bytes that encrypt kept secrets, the same for every process of a cluster; absent: made in `DATA_DIR`"),
    MAIL_URL("", "`smtp://user:password@host:port` or `smtps://…`; absent: mails are files in `DATA_DIR`/mail"),
    MAIL_FROM("temponest@localhost", "address that mails come from"),
    TLS_CERT("", "PEM file with the certificate chain of the API; read again when it changes"),
    TLS_KEY("", "PEM file with the private key of `TLS_CERT`"),
    CORS_ORIGINS("", "comma-separated origins, such as `https://app.example.org`, whose pages may call the API"),
    PUBLIC_URL(
            "",
            "URL at which browsers find the API, such as `https://temponest.example.org`; needed by `OIDC_` settings"),
    HEAD_TIMEOUT("60", "seconds that a connection may be without a request, or take to send the head of one; 1 to 120"),
    BODY_TIMEOUT("30", "seconds that the body of a request may take to arrive; 1 to 30"),
    VAULT_ADDR(
            "", "URL of a Vault whose secrets are settings; they count more than the file, less than the environment"),
    VAULT_TOKEN("", "token for `VAULT_ADDR`"),
    VAULT_PATH("secret/data/temponest", "path of the secret in Vault's key-value store, version 2"),
    PRICES_FILE("", "JSON file with model prices that replaces the built-in table; read again when it changes"),
    MODELS_FILE(
            "",
            "JSON file with names of your own for models, each with others to fall back on; read again when it changes"),
    ANSWER_CACHE_LIFE(
            "3600",
            "seconds that an answer of a model is kept for requests with the header `X-Temponest-Cache`; 1 to 86400"),
    ANSWER_CACHE_SIMILARITY(
            "0.95", "cosine from which on two questions mean the same, where a request does not say; 0.5 to 1"),
    EGRESS_ALLOW(
            "",
            "comma-separated addresses or CIDRs that webhooks may reach besides public ones, such as `10.20.0.0/16`; absent: none"),
    EGRESS_HTTP("off", "`on`: webhooks may have `http` URLs, which everybody on the way can read"),
    WEBHOOK_HISTORY("3", "months that deliveries of webhooks are kept besides the current one; 1 to 120"),
    MAX_RUNNING("64", "runs that one worker process executes at once"),
    OTLP_ENDPOINT(
            "",
            "URL of an OpenTelemetry collector (OTLP over HTTP), such as `http://127.0.0.1:4318`; absent: no traces"),
    TRACE_SHARE("0.01", "share of the traces that are kept, 0 to 1"),
    LOG_FORMAT("text", "`text` or `json`"),
    LOG_LEVEL("info", "`error`, `warn`, `info`, `debug` or `trace`");

    static final String PREFIX = "TEMPONEST_";

    private final String standard;
    private final String meaning;

    Setting(String standard, String meaning) {
        this.standard = standard;
        this.meaning = meaning;
    }

    /** The value when none is given; empty where there is none. */
    public String standard() {
        return standard;
    }

    public String meaning() {
        return meaning;
    }

    public String variable() {
        return PREFIX + name();
    }
}
