// Asks TempoNest through official SDKs, as lines of JSON on standard input say, and tells on standard output what each SDK
// returned or threw. Several asks may be under way at once.
//
//   in   {"id", "sdk", "verb", "base", "key", "model", "prompt", "times"}; the prompt is repeated so many times
//   out  {"id", "first": true}                      when the first text of a stream has come
//        {"id", "text", "requests", "thrown"?}      at the end; thrown is {"type", "status", "code", "message"}

import { createInterface } from 'node:readline';
import * as ai from './ai.mjs';
import * as anthropic from './anthropic.mjs';
import * as langchain from './langchain.mjs';
import * as openai from './openai.mjs';

const sdks = { ...openai.sdks, ...anthropic.sdks, ...ai.sdks, ...langchain.sdks };

// Standard output has the lines of the protocol alone.
console.log = console.info = console.debug = console.warn = console.error;
globalThis.AI_SDK_LOG_WARNINGS = false;

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');

async function perform({ id, sdk, verb, base, key, model, prompt, times }) {
  const seen = { id, text: '', requests: 0 };
  const ask = {
    base,
    key,
    model,
    prompt: prompt.repeat(times),
    fetch: (...request) => {
      seen.requests++;
      return fetch(...request);
    },
    /** Text that came in a stream. */
    heard(text) {
      if (text && seen.text === '') {
        say({ id, first: true });
      }
      seen.text += text ?? '';
    },
    /** A failure that the SDK tells without throwing. */
    failed(thrown) {
      seen.thrown ??= thrown;
    },
  };
  const { verbs, told } = sdks[sdk](ask);
  try {
    const text = await verbs[verb](ask);
    if (text !== undefined) {
      seen.text = text;
    }
  } catch (error) {
    // What a stream has told before is why.
    seen.thrown ??= told(error);
  }
  say(seen);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const wanted = JSON.parse(line);
  perform(wanted).catch((error) => say({ id: wanted.id, broken: String(error?.stack ?? error) }));
});
