// What every SDK is given to do besides talking.

import { z } from 'zod';

/** The tool: the model asks for a sum, the client computes it. */
export const add = {
  name: 'add',
  description: 'Adds two numbers.',
  schema: z.object({ a: z.number(), b: z.number() }),
  json: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
  run: ({ a, b }) => String(a + b),
};

/** A call as one line; arguments come as text or parsed. */
export const written = (name, input) => `${name} ${JSON.stringify(typeof input === 'string' ? JSON.parse(input) : input)}`;

/** The form that a structured answer must have. */
export const place = z.object({ city: z.string(), people: z.number() });

/** Vectors as one line, each number by the bits of its float. */
export const numbers = (vectors) =>
  vectors.map((vector) => new Int32Array(new Float32Array(vector).buffer).join(' ')).join('; ');

/** What is embedded. */
export const texts = ['a lamp', 'a keeper'];
