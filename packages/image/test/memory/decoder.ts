import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { isFieldFileError } from '@fieldfile/core';
import { type ImageProcessor, readImageHeader } from '@fieldfile/image';
import { childProcessor, sharpProcessor } from '@fieldfile/image/node';

// A process of its own: decoder.ts FOLDER 'here'|'child' ROUNDS. Reads every image's header, makes a small one of each, and
// prints the most memory that it had, in bytes, and how many were made and refused.

const [folder = '', where, rounds] = process.argv.slice(2);
const child = childProcessor();
const processor: ImageProcessor = where === 'child' ? child : sharpProcessor();
const output = join(folder, '..', `made-${process.pid}`);
let made = 0;
let refused = 0;

for (let round = 0; round < Number(rounds); round++)
  for (const name of readdirSync(folder)) {
    const input = join(folder, name);
    await readImageHeader(new Blob([readFileSync(input)]).stream());
    try {
      await processor.process({ input, output, transformation: { width: 16, height: 16, format: 'webp' } });
      made++;
      rmSync(output);
    } catch (error) {
      if (!isFieldFileError(error)) throw error;
      refused++;
    }
  }
child[Symbol.dispose]();
console.log(JSON.stringify({ mostBytes: process.resourceUsage().maxRSS * 1024, made, refused }));
