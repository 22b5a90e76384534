package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API over TLS, with certificates that change while it runs. */
class TlsTest {

    @TempDir
    private Path folder;

    private Map<String, String> settings(TestIdentity identity) throws IOException {
        Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(TestDatabase.create()));
        settings.put(
                "TEMPONEST_TLS_CERT",
                write("cert.pem", identity.certificatePem()).toString());
        settings.put("TEMPONEST_TLS_KEY", write("key.pem", identity.keyPem()).toString());
        return settings;
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static HttpResponse<String> get(URI url, TestIdentity trusted) throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().sslContext(trusted.trusted()).build()) {
            return http.send(HttpRequest.newBuilder(url.resolve("/health/live")).build(), BodyHandlers.ofString());
        }
    }

    /** The name in the certificate that a new connection is shown; empty where it is one that is not trusted. */
    private static Optional<String> shown(URI url, TestIdentity trusted) throws Exception {
        try (SSLSocket socket = (SSLSocket)
                trusted.trusted().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), url.getPort())) {
            socket.startHandshake();
            X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return Optional.of(certificate.getSubjectX500Principal().getName());
        } catch (javax.net.ssl.SSLHandshakeException other) {
            return Optional.empty();
        }
    }

    @Test
    void theApiSpeaksHttp2OverTlsAndTakesANewCertificateWithoutARestart() throws Exception {
        TestIdentity first = TestIdentity.make(folder, "first");
        TestIdentity second = TestIdentity.make(folder, "second");
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings(first), "up")) {
            URI url = process.url();
            HttpResponse<String> answer = get(url, first);
            assertThat(url.getScheme()).isEqualTo("https");
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.headers().firstValue("strict-transport-security"))
                    .contains("max-age=31536000; includeSubDomains");

            write("cert.pem", second.certificatePem());
            await().atMost(Duration.ofSeconds(20)).until(() -> process.log().contains("is not the key of"));
            assertThat(shown(url, first)).contains("CN=first");

            write("key.pem", second.keyPem());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> shown(url, second).isPresent());
            assertThat(get(url, second).statusCode()).isEqualTo(200);
            assertThat(shown(url, first)).isEmpty();
        }
    }

    @Test
    void plainHttpIsNotAnsweredOnAPortForTls() throws Exception {
        TestIdentity identity = TestIdentity.make(folder, "only");
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings(identity), "up");
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), process.url().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(new String(answer, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("HTTP/1.1");
        }
    }

    @Test
    void aKeyThatBelongsToAnotherCertificateIsRefusedAtTheStart() throws Exception {
        Map<String, String> settings = settings(TestIdentity.make(folder, "one"));
        write("key.pem", TestIdentity.make(folder, "two").keyPem());

        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up")) {
            assertThat(process.exitCode()).isEqualTo(Main.WRONG);
            assertThat(process.log()).contains("TEMPONEST_TLS_CERT", "is not the key of");
        }
    }
}
