package io.temponest.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.temponest.address.IpAddress;
import io.temponest.address.Network;
import io.temponest.egress.Egress.Reply;
import io.temponest.egress.Egress.Request;
import io.temponest.egress.EgressFailure.Kind;
import io.temponest.testing.TestIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real servers on this machine, which the rules of most tests allow, and names that lead where a test says. */
class EgressTest {

    private static final EgressRules HERE = new EgressRules(List.of(Network.parse("127.0.0.1")), true);
    private static final EgressRules NOWHERE = new EgressRules(List.of(), true);

    private static final Vertx VERTX = Vertx.vertx();
    private static final AtomicInteger CALLS = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static HttpServer plain;
    private static HttpServer secure;
    private static Optional<TrustOptions> trust = Optional.empty();

    @BeforeAll
    static void listen() throws Exception {
        TestIdentity identity = TestIdentity.make(folder, "server");
        plain = VERTX.createHttpServer()
                .requestHandler(EgressTest::answer)
                .listen(0, "127.0.0.1")
                .await();
        secure = VERTX.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setSni(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .addCertValue(Buffer.buffer(identity.certificatePem()))
                                .addKeyValue(Buffer.buffer(identity.keyPem()))))
                .requestHandler(EgressTest::answer)
                .listen(0, "127.0.0.1")
                .await();
        trust = Optional.of(new PemTrustOptions().addCertValue(Buffer.buffer(identity.certificatePem())));
    }

    @AfterAll
    static void stop() {
        VERTX.close().await();
    }

    @BeforeEach
    void forget() {
        CALLS.set(0);
    }

    private static void answer(HttpServerRequest request) {
        CALLS.incrementAndGet();
        switch (request.path()) {
            case "/redirect" ->
                request.response()
                        .setStatusCode(302)
                        .putHeader("Location", "/elsewhere")
                        .end();
            case "/silent" -> request.exceptionHandler(gone -> {});
            case "/endless" -> {
                request.response().setChunked(true);
                pour(request);
            }
            case "/rude" -> request.connection().close();
            default ->
                request.body()
                        .onSuccess(body -> request.response()
                                .putHeader("X-Host", request.authority().toString())
                                .putHeader(
                                        "X-Sni",
                                        String.valueOf(request.connection().indicatedServerName()))
                                .end(body));
        }
    }

    private static void pour(HttpServerRequest request) {
        request.response()
                .write(Buffer.buffer(new byte[1_024]))
                .onSuccess(done -> VERTX.runOnContext(again -> pour(request)));
    }

    private static Function<String, Future<List<IpAddress>>> names(String... addresses) {
        return host -> Future.succeededFuture(List.of(addresses).stream()
                .map(text -> IpAddress.parse(text).orElseThrow())
                .toList());
    }

    private static Egress egress(EgressRules rules, Function<String, Future<List<IpAddress>>> names) {
        return new Egress(VERTX, rules, names, trust);
    }

    private static Request request(String url) {
        return new Request(
                HttpMethod.POST, url, Map.of("X-Own", "1"), Buffer.buffer("ping"), Duration.ofSeconds(10), 4_096);
    }

    private static String url(HttpServer server, String host, String path) {
        return "%s://%s:%d%s".formatted(server.equals(secure) ? "https" : "http", host, server.actualPort(), path);
    }

    private static Reply reply(Egress egress, String url) {
        return egress.send(request(url))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static EgressFailure failure(Egress egress, Request request) {
        return egress.send(request)
                .<EgressFailure>map(reply -> {
                    throw new AssertionError("was answered " + reply.status());
                })
                .recover(failure -> failure instanceof EgressFailure known
                        ? Future.succeededFuture(known)
                        : Future.failedFuture(failure))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static Kind failure(Egress egress, String url) {
        return failure(egress, request(url)).kind();
    }

    @Test
    void theNameIsInTheHeadAndTheAddressIsTheResolvedOne() {
        Reply reply = reply(egress(HERE, names("127.0.0.1")), url(plain, "hooks.example.com", "/x"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body().toString()).isEqualTo("ping");
        assertThat(reply.whole()).isTrue();
        assertThat(reply.header("x-host")).contains("hooks.example.com:" + plain.actualPort());
    }

    @Test
    void theCertificateMustBeTheNames() {
        Egress egress = egress(HERE, names("127.0.0.1"));

        Reply reply = reply(egress, url(secure, "localhost", "/x"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("x-sni")).contains("localhost");
        assertThat(failure(egress, url(secure, "hooks.example.com", "/x"))).isEqualTo(Kind.UNTRUSTED);
        assertThat(CALLS).hasValue(1);
    }

    @Test
    void aCertificateOfNobodyIsNotTrusted() {
        Egress egress = new Egress(VERTX, HERE, names("127.0.0.1"), Optional.empty());

        assertThat(failure(egress, url(secure, "localhost", "/x"))).isEqualTo(Kind.UNTRUSTED);
    }

    @Test
    void aNameThatLeadsToAPrivateAddressIsRefusedAndNothingIsConnectedTo() {
        for (String address : List.of(
                "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1")) {
            EgressFailure failure =
                    failure(egress(NOWHERE, names(address)), request(url(plain, "hooks.example.com", "/x")));
            assertThat(failure.kind()).as(address).isEqualTo(Kind.REFUSED);
            assertThat(failure.getMessage()).as("tells no address").doesNotContain(address);
        }
        assertThat(CALLS).hasValue(0);
    }

    @Test
    void onePrivateAddressAmongPublicOnesIsEnoughToRefuse() {
        assertThat(failure(egress(NOWHERE, names("8.8.8.8", "127.0.0.1")), url(plain, "hooks.example.com", "/x")))
                .isEqualTo(Kind.REFUSED);
        assertThat(CALLS).hasValue(0);
    }

    /** DNS rebinding: the name is asked for once in an exchange, and the next exchange asks and checks again. */
    @Test
    void aNameThatChangesItsMindIsCheckedEachTime() {
        Queue<String> minds = new ArrayDeque<>(List.of("127.0.0.1", "127.0.0.2", "127.0.0.1"));
        Egress egress = egress(HERE, host -> names(minds.remove()).apply(host));
        String url = url(plain, "rebind.example.com", "/x");

        assertThat(reply(egress, url).status()).isEqualTo(200);
        assertThat(failure(egress, url)).isEqualTo(Kind.REFUSED);
        assertThat(minds).hasSize(1);
        assertThat(reply(egress, url).status()).isEqualTo(200);
        assertThat(CALLS).hasValue(2);
    }

    @Test
    void theJdksResolverIsCheckedToo() {
        assertThat(failure(new Egress(VERTX, NOWHERE), url(plain, "localhost", "/x")))
                .isEqualTo(Kind.REFUSED);
        assertThat(failure(new Egress(VERTX, NOWHERE), "http://no-such-host.invalid/"))
                .isEqualTo(Kind.UNRESOLVED);
        assertThat(CALLS).hasValue(0);
    }

    @Test
    void aRedirectIsAnAnswerLikeAnyOther() {
        Reply reply = reply(egress(HERE, names("127.0.0.1")), url(plain, "hooks.example.com", "/redirect"));

        assertThat(reply.status()).isEqualTo(302);
        assertThat(CALLS).hasValue(1);
    }

    @Test
    void whoSaysNothingIsGivenUpInTime() {
        EgressFailure failure = failure(
                egress(HERE, names("127.0.0.1")),
                new Request(
                        HttpMethod.GET,
                        url(plain, "hooks.example.com", "/silent"),
                        Map.of(),
                        Buffer.buffer(),
                        Duration.ofMillis(200),
                        10));

        assertThat(failure.kind()).isEqualTo(Kind.TIMED_OUT);
        assertThat(failure.getMessage()).contains("200 ms");
    }

    @Test
    void aNameServerThatSaysNothingIsGivenUpInTime() {
        Egress egress = egress(
                HERE, host -> io.vertx.core.Promise.<List<IpAddress>>promise().future());
        Request request = new Request(
                HttpMethod.GET, "http://a.example.com/", Map.of(), Buffer.buffer(), Duration.ofMillis(100), 10);

        assertThat(failure(egress, request).kind()).isEqualTo(Kind.TIMED_OUT);
    }

    @Test
    void anAnswerWithoutEndIsReadUpToTheBound() {
        Reply reply = reply(egress(HERE, names("127.0.0.1")), url(plain, "hooks.example.com", "/endless"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body().length()).isEqualTo(4_096);
        assertThat(reply.whole()).isFalse();
    }

    @Test
    void aConnectionThatIsLostAndOneThatIsRefusedAreToldApart() {
        Egress egress = egress(HERE, names("127.0.0.1"));

        assertThat(failure(egress, url(plain, "hooks.example.com", "/rude"))).isEqualTo(Kind.BROKEN);
        HttpServer gone = VERTX.createHttpServer()
                .requestHandler(EgressTest::answer)
                .listen(0, "127.0.0.1")
                .await();
        String url = url(gone, "hooks.example.com", "/x");
        gone.close().await();
        assertThat(failure(egress, url)).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void anAddressOfIpv6IsWrittenInBrackets() {
        Future<HttpServer> listening = VERTX.createHttpServer()
                .requestHandler(request -> request.response().end(String.valueOf(request.getHeader("Host"))))
                .listen(0, "::1");
        assumeTrue(
                listening
                        .transform(done -> Future.succeededFuture(done.succeeded()))
                        .await(),
                "a machine with IPv6");
        EgressRules loopback = new EgressRules(List.of(Network.parse("::1")), true);
        String authority = "[::1]:" + listening.result().actualPort();

        assertThat(reply(egress(loopback, names()), "http://" + authority + "/")
                        .body()
                        .toString())
                .isEqualTo(authority);
    }

    @Test
    void theNextAddressIsTriedWhereOneTakesNoConnection() {
        EgressRules loopback = new EgressRules(List.of(Network.parse("127.0.0.0/8")), true);

        assertThat(reply(egress(loopback, names("127.0.0.9", "127.0.0.1")), url(plain, "hooks.example.com", "/x"))
                        .status())
                .isEqualTo(200);
    }
}
