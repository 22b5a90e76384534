import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { embedMany, generateText, Output, RetryError, stepCountIs, streamText, tool } from 'ai';
import { add, numbers, place, texts, written } from './task.mjs';

/** The last of several attempts says why; the class stays that of what was thrown. */
function told(error) {
  const cause = RetryError.isInstance(error) ? error.lastError : error;
  const problem = cause.data?.error ?? cause;
  return {
    type: error.name ?? 'error part',
    status: cause.statusCode,
    code: problem.code ?? problem.type,
    message: cause.message ?? problem.message,
  };
}

const sum = tool({ description: add.description, inputSchema: add.schema, execute: add.run });
const declared = tool({ description: add.description, inputSchema: add.schema });

/** Otherwise failures of streams are printed as well. */
const onError = () => {};

const verbs = (provider, named) => ({
  async text({ model, prompt }) {
    return (await generateText({ model: named(model), prompt })).text;
  },
  async stream({ model, prompt, heard, failed }) {
    for await (const part of streamText({ model: named(model), prompt, onError }).fullStream) {
      if (part.type === 'text-delta') {
        heard(part.text);
      } else if (part.type === 'error') {
        failed(told(part.error));
      }
    }
  },
  async tool({ model, prompt }) {
    const tools = { [add.name]: sum };
    return (await generateText({ model: named(model), prompt, tools, stopWhen: stepCountIs(3) })).text;
  },
  async tool_stream({ model, prompt, failed }) {
    let call;
    const tools = { [add.name]: declared };
    for await (const part of streamText({ model: named(model), prompt, tools, onError }).fullStream) {
      if (part.type === 'tool-call') {
        call = written(part.toolName, part.input);
      } else if (part.type === 'error') {
        failed(told(part.error));
      }
    }
    return call;
  },
  async object({ model, prompt }) {
    // By itself the SDK asks models of Anthropic that it does not know by name for a tool's call instead.
    const providerOptions = { anthropic: { structuredOutputMode: 'outputFormat' } };
    const output = Output.object({ schema: place, name: 'place' });
    const answer = await generateText({ model: named(model), prompt, output, providerOptions });
    return JSON.stringify(answer.output);
  },
  async vectors({ model }) {
    return numbers((await embedMany({ model: provider.embeddingModel(model), values: texts })).embeddings);
  },
  async hang_up({ model, prompt, heard }) {
    const abort = new AbortController();
    const stream = streamText({ model: named(model), prompt, onError, abortSignal: abort.signal }).fullStream;
    for await (const part of stream) {
      if (part.type === 'text-delta') {
        heard(part.text);
        abort.abort();
      }
    }
  },
});

const openai = ({ base, key, fetch }) => createOpenAI({ baseURL: `${base}/v1`, apiKey: key, fetch });

export const sdks = {
  'ai-openai-chat': (ask) => {
    const provider = openai(ask);
    return { verbs: verbs(provider, provider.chat), told };
  },
  'ai-openai-responses': (ask) => {
    const provider = openai(ask);
    return { verbs: verbs(provider, provider.responses), told };
  },
  'ai-anthropic': (ask) => {
    const provider = createAnthropic({ baseURL: `${ask.base}/v1`, apiKey: ask.key, fetch: ask.fetch });
    return { verbs: verbs(provider, provider), told };
  },
};
