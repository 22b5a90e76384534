import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { add, place, written } from './task.mjs';

const max_tokens = 1000;

const told = (error) => ({
  type: error.constructor.name,
  status: error.status,
  code: error.error?.error?.type,
  message: error.message,
});

const said = (message) =>
  message.content
    .filter((block) => block.type === 'text')
    .map((block) => block.text)
    .join('');

const tools = [{ name: add.name, description: add.description, input_schema: add.json }];

const messages = (sdk) => ({
  async text({ model, prompt }) {
    return said(await sdk.messages.create({ model, max_tokens, messages: [{ role: 'user', content: prompt }] }));
  },
  async beta({ model, prompt }) {
    return said(await sdk.beta.messages.create({ model, max_tokens, messages: [{ role: 'user', content: prompt }] }));
  },
  async stream({ model, prompt, heard }) {
    const turns = [{ role: 'user', content: prompt }];
    for await (const event of await sdk.messages.create({ model, max_tokens, messages: turns, stream: true })) {
      if (event.type === 'content_block_delta') {
        heard(event.delta.text);
      }
    }
  },
  async tool({ model, prompt }) {
    const turns = [{ role: 'user', content: prompt }];
    const first = await sdk.messages.create({ model, max_tokens, messages: turns, tools });
    const call = first.content.find((block) => block.type === 'tool_use');
    turns.push({ role: 'assistant', content: first.content });
    turns.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: add.run(call.input) }] });
    return said(await sdk.messages.create({ model, max_tokens, messages: turns, tools }));
  },
  async tool_stream({ model, prompt }) {
    const turns = [{ role: 'user', content: prompt }];
    const last = await sdk.messages.stream({ model, max_tokens, messages: turns, tools }).finalMessage();
    const call = last.content.find((block) => block.type === 'tool_use');
    return written(call.name, call.input);
  },
  async object({ model, prompt }) {
    const answer = await sdk.messages.parse({
      model,
      max_tokens,
      messages: [{ role: 'user', content: prompt }],
      output_config: { format: zodOutputFormat(place) },
    });
    return JSON.stringify(answer.parsed_output);
  },
  async models() {
    const ids = [];
    for await (const model of sdk.models.list()) {
      ids.push(model.id);
    }
    return ids.join(' ');
  },
  async hang_up({ model, prompt, heard }) {
    const turns = [{ role: 'user', content: prompt }];
    const stream = await sdk.messages.create({ model, max_tokens, messages: turns, stream: true });
    for await (const event of stream) {
      if (event.type === 'content_block_delta') {
        heard(event.delta.text);
        stream.controller.abort();
      }
    }
  },
});

export const sdks = {
  'anthropic-messages': (ask) => ({
    verbs: messages(new Anthropic({ baseURL: ask.base, apiKey: ask.key, fetch: ask.fetch })),
    told,
  }),
};
