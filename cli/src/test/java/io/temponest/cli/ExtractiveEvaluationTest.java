package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How well the built-in model answers, from upload to cited answer: questions whose answer is one known sentence, and
 * questions that the documents do not answer. Model and search are deterministic: the floors are what was reached.
 */
class ExtractiveEvaluationTest {

    private static final String HANDBOOK = """
            # Staff handbook

            ## Leave
            Every employee has 27 days of paid leave a year. Up to five days may be carried over until the end of March.
            Leave of more than ten days in a row needs the consent of the head of department.
            Parents may take a further 20 days of unpaid leave until their child is eight years old.

            ## Sick days
            Whoever is ill tells their team before nine in the morning. A doctor's note is needed from the fourth day on.

            ## Expenses
            Travel expenses are paid back within two weeks when the receipts are handed in by the fifth of the month.
            Flights are booked in economy class; trains under four hours are preferred to flights.
            The daily allowance abroad is 45 euros, and 28 euros at home.

            ## Remote work
            Work from home is possible on three days a week. The core hours are from ten to three.
            Laptops are encrypted and locked when nobody sits in front of them.
            """;

    private static final String ROUTER = """
            # Router AX-200

            ## Set-up
            Connect the cable from the wall to the yellow WAN port. Open http://192.168.7.1 in a browser.
            The default user is admin and the password is printed on the underside of the device.

            ## Lights
            A steady green light means that the router is online. A blinking red light means that the firmware is damaged:
            hold the reset button for fifteen seconds to start the recovery.

            ## Limits
            The router serves up to 64 wireless devices at once. It reaches 30 metres indoors.
            The guest network is cut off from all other devices.

            ## Warranty
            The warranty lasts 36 months and does not cover damage by lightning.
            """;

    private static final String MINUTES = """
            # Minutes of 3 March

            Present were Ana Kovac, Tom Reed and Mei Lin; Omar Haddad was excused.

            - The launch moves from 14 April to 2 May because the payment provider is late.
            - Tom Reed writes the migration guide by 20 March.
            - The budget for advertising is raised from 40,000 to 55,000 euros.
            - Mei Lin found that a third of all sign-ups come from Brazil.
            - The old API is switched off on 1 September.

            Next meeting: 17 March at half past nine in room Humboldt.
            """;

    private static final Map<String, String> ANSWERED = answered();

    private static Map<String, String> answered() {
        Map<String, String> questions = new LinkedHashMap<>();
        questions.put("How many days of paid leave do employees have?", "27 days of paid leave");
        questions.put("When do I need a doctor's note?", "from the fourth day on");
        questions.put("What is the daily allowance abroad?", "45 euros");
        questions.put("Can I work from home?", "three days a week");
        questions.put("How fast are travel expenses reimbursed?", "within two weeks");
        questions.put("Who must agree to a long vacation?", "head of department");
        questions.put("How many leave days can be carried over?", "Up to five days");
        questions.put("What are the core hours?", "from ten to three");
        questions.put("What does a blinking red light mean?", "firmware is damaged");
        questions.put("How do I reset the router?", "hold the reset button");
        questions.put("Where do I find the router's password?", "underside of the device");
        questions.put("How many wireless devices can connect?", "up to 64 wireless devices");
        questions.put("How long is the warranty?", "36 months");
        questions.put("Which port does the cable go into?", "yellow WAN port");
        questions.put("Does the warranty cover lightning?", "does not cover damage by lightning");
        questions.put("When is the launch?", "2 May");
        questions.put("Why was the launch delayed?", "payment provider is late");
        questions.put("Who writes the migration guide?", "Tom Reed writes");
        questions.put("What is the advertising budget?", "55,000 euros");
        questions.put("When will the old API be shut down?", "1 September");
        questions.put("Where is the next meeting?", "room Humboldt");
        questions.put("Who was absent from the meeting?", "Omar Haddad was excused");
        return questions;
    }

    private static final List<String> UNANSWERED = List.of(
            "What is the boiling point of tungsten?",
            "Who won the chess world championship in 1985?",
            "How do I bake sourdough bread?",
            "What is the capital of Mongolia?",
            "Which dentist does the company recommend?",
            "How much does the router weigh?",
            "What is the CEO's salary?",
            "How do I train a neural network?");

    @TempDir
    private Path folder;

    @Test
    void itFindsTheSentenceThatAnswersAndSaysWhenThereIsNone() {
        int found = 0;
        int first = 0;
        int failed = 0;
        int invented = 0;
        try (TestServer server = TestServer.start(folder)) {
            ApiCaller api = server.admin();
            String collection = index(api);
            for (Map.Entry<String, String> question : ANSWERED.entrySet()) {
                JsonNode run = ask(api, question.getKey(), collection);
                String output = run.path("output").asText();
                boolean right = output.contains(question.getValue());
                boolean atOnce = output.lines().findFirst().orElse("").contains(question.getValue());
                found += right ? 1 : 0;
                first += atOnce ? 1 : 0;
                failed += run.path("status").asText().equals("succeeded") ? 0 : 1;
                System.out.printf(
                        "%s %s %s%n    %s%n",
                        atOnce ? "first" : right ? "found" : "MISS ",
                        run.path("status").asText(),
                        question.getKey(),
                        output.replace("\n", " | "));
            }
            for (String question : UNANSWERED) {
                JsonNode run = ask(api, question, collection);
                boolean nothing = run.path("output").asText().startsWith("I found nothing");
                invented += nothing ? 0 : 1;
                System.out.printf(
                        "%s %s%n    %s%n",
                        nothing ? "none " : "WRONG",
                        question,
                        run.path("output").asText().replace("\n", " | "));
            }
        }
        System.out.printf(
                "answered %d of %d (%d in the first sentence), %d runs not grounded, %d of %d unanswerable answered%n",
                found, ANSWERED.size(), first, failed, invented, UNANSWERED.size());
        assertThat(found).isGreaterThanOrEqualTo(20);
        assertThat(first).isGreaterThanOrEqualTo(18);
        assertThat(failed).isZero();
        assertThat(invented).isLessThanOrEqualTo(1);
    }

    private static JsonNode ask(ApiCaller api, String question, String collection) {
        return api.post(
                        "/v1/agents/overseer/runs",
                        Map.of("input", question, "collections", List.of(collection), "wait", 20))
                .json();
    }

    private static String index(ApiCaller api) {
        String id = api.post("/v1/collections", Map.of("name", "evaluation"))
                .json()
                .path("id")
                .asText();
        Map.of("handbook.md", HANDBOOK, "router.md", ROUTER, "minutes.md", MINUTES)
                .forEach((name, text) -> api.upload(
                        "/v1/collections/" + id + "/documents", name, text.getBytes(StandardCharsets.UTF_8)));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> api.get("/v1/collections/" + id + "/documents")
                        .json()
                        .path("data")
                        .valueStream()
                        .allMatch(doc -> doc.path("status").asText().equals("indexed")));
        return id;
    }
}
