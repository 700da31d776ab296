import { once } from 'node:events';
import { request } from 'node:http';

// The process of a client: send-file.ts METHOD URL HEADERS BYTES. Sends so many bytes in one request, and prints the status.

const [method = '', url = '', headers = '{}', sizeBytes = '0'] = process.argv.slice(2);
const chunk = Buffer.alloc(64 * 1024, 'x');
const sent = request(url, { method, headers: { ...JSON.parse(headers), 'content-length': sizeBytes } });
const answered = once(sent, 'response');
for (let left = Number(sizeBytes); left > 0; left -= chunk.byteLength)
  if (!sent.write(chunk)) await once(sent, 'drain');
sent.end();
const [response] = await answered;
response.resume();
console.log(response.statusCode);
