import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { add, numbers, place, texts, written } from './task.mjs';

const client = ({ base, key, fetch }) => new OpenAI({ baseURL: `${base}/v1`, apiKey: key, fetch });

const told = (error) => ({
  type: error.constructor.name,
  status: error.status,
  code: error.code,
  message: error.message,
});

const chat = (sdk) => ({
  async text({ model, prompt }) {
    const answer = await sdk.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
    return answer.choices[0].message.content;
  },
  async stream({ model, prompt, heard }) {
    const messages = [{ role: 'user', content: prompt }];
    for await (const chunk of await sdk.chat.completions.create({ model, messages, stream: true })) {
      heard(chunk.choices[0]?.delta?.content);
    }
  },
  async tool({ model, prompt }) {
    const tools = [{ type: 'function', function: { name: add.name, description: add.description, parameters: add.json } }];
    const messages = [{ role: 'user', content: prompt }];
    const first = await sdk.chat.completions.create({ model, messages, tools });
    const { message } = first.choices[0];
    const [call] = message.tool_calls;
    const content = add.run(JSON.parse(call.function.arguments));
    messages.push(message, { role: 'tool', tool_call_id: call.id, content });
    const second = await sdk.chat.completions.create({ model, messages, tools });
    return second.choices[0].message.content;
  },
  async tool_stream({ model, prompt }) {
    const tools = [{ type: 'function', function: { name: add.name, description: add.description, parameters: add.json } }];
    const stream = sdk.chat.completions.stream({ model, messages: [{ role: 'user', content: prompt }], tools });
    const [call] = (await stream.finalChatCompletion()).choices[0].message.tool_calls;
    return written(call.function.name, call.function.arguments);
  },
  async object({ model, prompt }) {
    const answer = await sdk.chat.completions.parse({
      model,
      messages: [{ role: 'user', content: prompt }],
      response_format: zodResponseFormat(place, 'place'),
    });
    return JSON.stringify(answer.choices[0].message.parsed);
  },
  async vectors({ model }) {
    const answer = await sdk.embeddings.create({ model, input: texts });
    return numbers(answer.data.map((row) => row.embedding));
  },
  async vectors_as_numbers({ model }) {
    const answer = await sdk.embeddings.create({ model, input: texts, encoding_format: 'float' });
    return numbers(answer.data.map((row) => row.embedding));
  },
  async models() {
    const ids = [];
    for await (const model of sdk.models.list()) {
      ids.push(model.id);
    }
    return ids.join(' ');
  },
  async hang_up({ model, prompt, heard }) {
    const messages = [{ role: 'user', content: prompt }];
    const stream = await sdk.chat.completions.create({ model, messages, stream: true });
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta?.content;
      heard(text);
      if (text) {
        stream.controller.abort();
      }
    }
  },
});

/** A response that fails is an event of its stream, as with OpenAI itself: the SDK does not throw. */
const failure = ({ type, response }) => ({
  type,
  code: response.error.code,
  message: response.error.message,
});

const responses = (sdk) => ({
  async text({ model, prompt }) {
    return (await sdk.responses.create({ model, input: prompt })).output_text;
  },
  async stream({ model, prompt, heard, failed }) {
    for await (const event of await sdk.responses.create({ model, input: prompt, stream: true })) {
      if (event.type === 'response.output_text.delta') {
        heard(event.delta);
      } else if (event.type === 'response.failed') {
        failed(failure(event));
      }
    }
  },
  async tool({ model, prompt }) {
    const tools = [{ type: 'function', name: add.name, description: add.description, parameters: add.json, strict: true }];
    const input = [{ role: 'user', content: prompt }];
    const first = await sdk.responses.create({ model, input, tools });
    const call = first.output.find((item) => item.type === 'function_call');
    const output = add.run(JSON.parse(call.arguments));
    input.push(...first.output, { type: 'function_call_output', call_id: call.call_id, output });
    return (await sdk.responses.create({ model, input, tools })).output_text;
  },
  async tool_stream({ model, prompt }) {
    const tools = [{ type: 'function', name: add.name, description: add.description, parameters: add.json, strict: true }];
    const last = await sdk.responses.stream({ model, input: prompt, tools }).finalResponse();
    const call = last.output.find((item) => item.type === 'function_call');
    return written(call.name, call.arguments);
  },
  async object({ model, prompt }) {
    const answer = await sdk.responses.parse({ model, input: prompt, text: { format: zodTextFormat(place, 'place') } });
    return JSON.stringify(answer.output_parsed);
  },
  async hang_up({ model, prompt, heard }) {
    const stream = await sdk.responses.create({ model, input: prompt, stream: true });
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') {
        heard(event.delta);
        stream.controller.abort();
      }
    }
  },
});

export const sdks = {
  'openai-chat': (ask) => ({ verbs: chat(client(ask)), told }),
  'openai-responses': (ask) => ({ verbs: responses(client(ask)), told }),
};
