package io.temponest.conformance;

import static io.temponest.conformance.Verb.BETA;
import static io.temponest.conformance.Verb.HANG_UP;
import static io.temponest.conformance.Verb.MODELS;
import static io.temponest.conformance.Verb.OBJECT;
import static io.temponest.conformance.Verb.STREAM;
import static io.temponest.conformance.Verb.TEXT;
import static io.temponest.conformance.Verb.TOOL;
import static io.temponest.conformance.Verb.TOOL_STREAM;
import static io.temponest.conformance.Verb.VECTORS;
import static io.temponest.conformance.Verb.VECTORS_AS_NUMBERS;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The SDKs that are run, each in its usual ways. */
final class Sdks {

    private static final Set<Verb> TALKING = EnumSet.of(TEXT, STREAM, TOOL, TOOL_STREAM, OBJECT, HANG_UP);

    private Sdks() {}

    private static Set<Verb> talking(Verb... more) {
        Set<Verb> all = EnumSet.copyOf(TALKING);
        all.addAll(List.of(more));
        return all;
    }

    static List<Sdk> ofJava() {
        return List.of(
                new OpenAiJava(
                        "openai-java-chat",
                        "openai-java, chat completions",
                        talking(VECTORS, VECTORS_AS_NUMBERS, MODELS),
                        Manners.OPENAI_JAVA,
                        OpenAiJavaApis::chat),
                new OpenAiJava(
                        "openai-java-responses",
                        "openai-java, responses",
                        EnumSet.of(TEXT, STREAM, HANG_UP),
                        Manners.OPENAI_JAVA_RESPONSES,
                        OpenAiJavaApis::responses),
                new LangChain4j(
                        "langchain4j-openai",
                        "langchain4j-open-ai",
                        talking(VECTORS, MODELS),
                        Manners.LANGCHAIN4J_OPENAI,
                        LangChain4jModels.OPENAI),
                new LangChain4j(
                        "langchain4j-anthropic",
                        "langchain4j-anthropic",
                        talking(),
                        Manners.LANGCHAIN4J_ANTHROPIC,
                        LangChain4jModels.ANTHROPIC));
    }

    static List<Sdk> ofNode(Supplier<NodeProcess> node) {
        return List.of(
                new NodeSdk(
                        "openai-chat",
                        "openai, chat completions (Node)",
                        List.of("openai"),
                        talking(VECTORS, VECTORS_AS_NUMBERS, MODELS),
                        Manners.OPENAI_NODE,
                        node),
                new NodeSdk(
                        "openai-responses",
                        "openai, responses (Node)",
                        List.of("openai"),
                        talking(),
                        Manners.OPENAI_NODE_RESPONSES,
                        node),
                new NodeSdk(
                        "anthropic-messages",
                        "@anthropic-ai/sdk, messages (Node)",
                        List.of("@anthropic-ai/sdk"),
                        talking(BETA, MODELS),
                        Manners.ANTHROPIC_NODE,
                        node),
                new NodeSdk(
                        "ai-openai-chat",
                        "Vercel AI SDK with @ai-sdk/openai, chat completions",
                        List.of("ai", "@ai-sdk/openai"),
                        talking(VECTORS),
                        Manners.AI_CHAT,
                        node),
                new NodeSdk(
                        "ai-openai-responses",
                        "Vercel AI SDK with @ai-sdk/openai, responses",
                        List.of("ai", "@ai-sdk/openai"),
                        talking(),
                        Manners.AI_RESPONSES,
                        node),
                new NodeSdk(
                        "ai-anthropic",
                        "Vercel AI SDK with @ai-sdk/anthropic",
                        List.of("ai", "@ai-sdk/anthropic"),
                        talking(),
                        Manners.AI_ANTHROPIC,
                        node),
                new NodeSdk(
                        "langchain",
                        "LangChain with @langchain/openai",
                        List.of("@langchain/openai", "@langchain/core"),
                        talking(VECTORS, VECTORS_AS_NUMBERS),
                        Manners.LANGCHAIN,
                        node));
    }
}
