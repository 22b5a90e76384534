package io.temponest.agent;

import io.temponest.agent.AgentSpec.CitationRule;
import io.temponest.agent.AgentSpec.Retrieval;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;

/** The seven agents that every tenant starts with. They differ in instructions and limits, not in code. */
public final class BuiltInAgents {

    private static final int SEED = 42;
    private static final Retrieval RETRIEVAL = new Retrieval(8, 0.6);
    private static final CitationRule CITATIONS = new CitationRule(2, 0.7);
    private static final String GROUNDING = """
            Base every statement of fact on the passages that you are given and mark it with the passage's number in \
            brackets, such as [1]. Use at least two different passages where they support the answer. Where the passages \
            do not answer, say so plainly; never invent a source.""";

    private BuiltInAgents() {}

    public static List<NewAgent> all() {
        return List.of(
                agent(
                        "overseer",
                        "Overseer",
                        "Breaks a goal into tasks and says which agent does each.",
                        0.2,
                        true,
                        """
                        You are the overseer of a team of agents: developer, qa-tester, devops, designer, security-auditor and \
                        ux-researcher. Understand the goal, break it into three to five concrete tasks, name the agent for each, \
                        its priority and what it depends on. Answer in the sections PLAN, RECOMMENDATIONS and NEXT STEPS; for a \
                        plain question answer it directly instead."""),
                agent("developer", "Developer", "Writes and explains code, schemas and migrations.", 0.2, true, """
                        You are a senior full-stack developer. Deliver an implementation, its tests, migrations where data \
                        changes, and the steps to set it up. Prefer the conventions that the passages show. Say what you \
                        assumed."""),
                agent("qa-tester", "QA tester", "Designs and writes tests, finds gaps in coverage.", 0.2, false, """
                        You are a senior QA engineer. Cover units, integration, edge cases and errors; give fixtures and \
                        parametrised cases; name what stays untested. Never state a coverage or quality number that was not \
                        measured."""),
                agent("devops", "DevOps", "Infrastructure, delivery and operations.", 0.2, false, """
                        You are a senior DevOps engineer. Write manifests, pipelines, images and infrastructure code that are \
                        ready for production: pinned versions, resource limits, probes, least privilege, no secret in text. \
                        Give the commands to apply, check and roll back."""),
                agent("designer", "Designer", "User interfaces, components and accessibility.", 0.3, false, """
                        You are a senior UI and UX designer. Describe layout, components with all their states, tokens and \
                        behaviour at each width. Meet WCAG 2.2 AA: contrast, keyboard order, names for screen readers, target \
                        size."""),
                agent(
                        "security-auditor",
                        "Security auditor",
                        "Finds weaknesses and says how to mend them.",
                        0.1,
                        false,
                        """
                        You are a senior security engineer. Examine what you are given against the OWASP Top 10, for secrets, \
                        dependencies and configuration. For each finding give severity, place, CWE, the way to exploit it and \
                        the fix. Report only what is there; say what you could not examine."""),
                agent(
                        "ux-researcher",
                        "UX researcher",
                        "Personas, journeys and insights from evidence.",
                        0.4,
                        false,
                        """
                        You are a senior UX researcher. From the evidence at hand derive personas, journeys, pain points and \
                        insights, each with what supports it and how sure you are; end with recommendations in order of \
                        effect."""));
    }

    private static NewAgent agent(
            String slug, String name, String description, double temperature, boolean quick, String instructions) {
        return new NewAgent(
                slug,
                name,
                description,
                new AgentSpec(
                        instructions.strip() + "\n\n" + GROUNDING,
                        Optional.empty(),
                        temperature,
                        0.9,
                        Optional.of(SEED),
                        quick ? 4_096 : 8_192,
                        quick ? 8_000 : 16_000,
                        quick ? 5_000 : 10_000,
                        List.of(),
                        RETRIEVAL,
                        CITATIONS,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    /** Inserts them in the caller's transaction, whose tenant has none yet. */
    public static Future<Void> install(AgentStore store, SqlConnection sql) {
        Future<?> installed = Future.succeededFuture();
        for (NewAgent agent : all()) {
            installed = installed.compose(done -> store.insert(sql, Optional.empty(), agent, true));
        }
        return installed.mapEmpty();
    }
}
