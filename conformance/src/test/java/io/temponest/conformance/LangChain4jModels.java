package io.temponest.conformance;

import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.catalog.ModelCatalog;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;

/** The providers of LangChain4j that are run. */
enum LangChain4jModels implements LangChain4j.Models {
    OPENAI {
        @Override
        public ChatModel chat(Ask ask, HttpClientBuilder http) {
            return OpenAiChatModel.builder()
                    .httpClientBuilder(http)
                    .baseUrl(ask.base() + "/v1")
                    .apiKey(ask.key())
                    .modelName(ask.model())
                    .strictJsonSchema(true)
                    .build();
        }

        @Override
        public StreamingChatModel streaming(Ask ask, HttpClientBuilder http) {
            return OpenAiStreamingChatModel.builder()
                    .httpClientBuilder(http)
                    .baseUrl(ask.base() + "/v1")
                    .apiKey(ask.key())
                    .modelName(ask.model())
                    .build();
        }

        @Override
        public EmbeddingModel embedding(Ask ask, HttpClientBuilder http) {
            return OpenAiEmbeddingModel.builder()
                    .httpClientBuilder(http)
                    .baseUrl(ask.base() + "/v1")
                    .apiKey(ask.key())
                    .modelName(ask.model())
                    .build();
        }

        @Override
        public ModelCatalog catalog(Ask ask, HttpClientBuilder http) {
            return OpenAiModelCatalog.builder()
                    .httpClientBuilder(http)
                    .baseUrl(ask.base() + "/v1")
                    .apiKey(ask.key())
                    .build();
        }
    },

    ANTHROPIC {
        @Override
        public ChatModel chat(Ask ask, HttpClientBuilder http) {
            return AnthropicChatModel.builder()
                    .httpClientBuilder(http)
                    .baseUrl(ask.base() + "/v1")
                    .apiKey(ask.key())
                    .modelName(ask.model())
                    .build();
        }

        @Override
        public StreamingChatModel streaming(Ask ask, HttpClientBuilder http) {
            return AnthropicStreamingChatModel.builder()
                    .httpClientBuilder(http)
                    .baseUrl(ask.base() + "/v1")
                    .apiKey(ask.key())
                    .modelName(ask.model())
                    .build();
        }

        @Override
        public EmbeddingModel embedding(Ask ask, HttpClientBuilder http) {
            throw new UnsupportedOperationException("Anthropic has no embeddings");
        }

        @Override
        public ModelCatalog catalog(Ask ask, HttpClientBuilder http) {
            throw new UnsupportedOperationException("not run");
        }
    }
}
