package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API over TLS, with certificates that change while it runs. */
class TlsTest {

    private static final char[] PASSWORD = "fixture".toCharArray();

    @TempDir
    private Path folder;

    private record Identity(Certificate certificate, String certificatePem, String keyPem) {

        /** One that signs itself, made by the JDK's own tool. */
        static Identity make(Path folder, String name) throws Exception {
            Path store = folder.resolve(name + ".p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "x",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-dname",
                            "CN=" + name,
                            "-ext",
                            "san=ip:127.0.0.1",
                            "-validity",
                            "2",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            new String(PASSWORD),
                            "-keystore",
                            store.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD);
            }
            Certificate certificate = keys.getCertificate("x");
            return new Identity(
                    certificate,
                    pem("CERTIFICATE", certificate.getEncoded()),
                    pem("PRIVATE KEY", keys.getKey("x", PASSWORD).getEncoded()));
        }

        private static String pem(String what, byte[] bytes) {
            return "-----BEGIN " + what + "-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what
                    + "-----\n";
        }

        SSLContext trusted() throws Exception {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("x", certificate);
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trust);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        }
    }

    private Map<String, String> settings(Identity identity) throws IOException {
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

    private static HttpResponse<String> get(URI url, Identity trusted) throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().sslContext(trusted.trusted()).build()) {
            return http.send(HttpRequest.newBuilder(url.resolve("/health/live")).build(), BodyHandlers.ofString());
        }
    }

    /** The name in the certificate that a new connection is shown; empty where it is one that is not trusted. */
    private static Optional<String> shown(URI url, Identity trusted) throws Exception {
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
        Identity first = Identity.make(folder, "first");
        Identity second = Identity.make(folder, "second");
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
        Identity identity = Identity.make(folder, "only");
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
        Map<String, String> settings = settings(Identity.make(folder, "one"));
        write("key.pem", Identity.make(folder, "two").keyPem());

        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up")) {
            assertThat(process.exitCode()).isEqualTo(Main.WRONG);
            assertThat(process.log()).contains("TEMPONEST_TLS_CERT", "is not the key of");
        }
    }
}
