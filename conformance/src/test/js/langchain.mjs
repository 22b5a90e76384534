import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { add, numbers, place, texts, written } from './task.mjs';

/** Six by default, which with its pauses takes minutes; two are those of OpenAI's own SDK. */
const maxRetries = 2;

const told = (error) => ({
  type: error.constructor.name,
  status: error.status,
  code: error.code,
  message: error.message,
});

const sum = tool((input) => add.run(input), { name: add.name, description: add.description, schema: add.schema });

const verbs = (chat, embeddings) => ({
  async text({ prompt }) {
    return (await chat.invoke(prompt)).content;
  },
  async stream({ prompt, heard }) {
    for await (const chunk of await chat.stream(prompt)) {
      heard(chunk.content);
    }
  },
  async tool({ prompt }) {
    const bound = chat.bindTools([sum]);
    const turns = [new HumanMessage(prompt)];
    const first = await bound.invoke(turns);
    const [call] = first.tool_calls;
    turns.push(first, new ToolMessage({ tool_call_id: call.id, content: add.run(call.args) }));
    return (await bound.invoke(turns)).content;
  },
  async tool_stream({ prompt }) {
    let all;
    for await (const chunk of await chat.bindTools([sum]).stream(prompt)) {
      all = all === undefined ? chunk : all.concat(chunk);
    }
    const [call] = all.tool_calls;
    return written(call.name, call.args);
  },
  async object({ prompt }) {
    const structured = chat.withStructuredOutput(place, { name: 'place', method: 'jsonSchema' });
    return JSON.stringify(await structured.invoke(prompt));
  },
  async vectors() {
    return numbers(await embeddings.embedDocuments(texts));
  },
  async vectors_as_numbers({ base, key, model, fetch }) {
    const configuration = { baseURL: `${base}/v1`, fetch };
    const plain = new OpenAIEmbeddings({ model, apiKey: key, maxRetries, configuration, encodingFormat: 'float' });
    return numbers(await plain.embedDocuments(texts));
  },
  async hang_up({ prompt, heard }) {
    const abort = new AbortController();
    try {
      for await (const chunk of await chat.stream(prompt, { signal: abort.signal })) {
        heard(chunk.content);
        if (chunk.content) {
          abort.abort();
        }
      }
    } catch (error) {
      if (error.name !== 'AbortError') {
        throw error;
      }
    }
  },
});

export const sdks = {
  langchain: ({ base, key, model, fetch }) => {
    const configuration = { baseURL: `${base}/v1`, fetch };
    return {
      verbs: verbs(
        new ChatOpenAI({ model, apiKey: key, maxRetries, configuration }),
        new OpenAIEmbeddings({ model, apiKey: key, maxRetries, configuration }),
      ),
      told,
    };
  },
};
