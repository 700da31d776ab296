import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
const { values } = parseArgs({ options: { n: { type: 'string', default: '64' }, mib: { type: 'string', default: '64' }, s3: { type: 'boolean' }, node: { type: 'string', multiple: true, default: [] } } });
const dir = mkdtempSync('/tmp/engine-mem/w-');
const exec = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
let s3;
let s3arg: string[] = [];
if (values.s3) {
  s3 = fork(fileURLToPath(import.meta.resolve('@fieldfile/test-servers/s3-command')), ['--bucket', 'media', '--directory', dir], { execArgv: exec, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [ready] = await once(s3, 'message');
  s3arg = ['--s3', JSON.stringify(ready)];
}
const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), ['--root', `${dir}/media`, '--journal', `${dir}/j`, ...s3arg], { execArgv: [...exec, ...values.node] });
const [{ origin }] = await once(child, 'message');
const vm = async () => { const s = await readFile(`/proc/${child.pid}/status`, 'utf8'); const f = (n: string) => Math.round(Number(new RegExp(`${n}:\\s+(\\d+)`).exec(s)?.[1]) / 1024); return { rss: f('VmRSS'), hwm: f('VmHWM') }; };
const idle = await vm();
const agent = new http.Agent({ keepAlive: true, maxSockets: 1000 });
const request = (method: string, path: string, headers: Record<string, string>, body?: (r: http.ClientRequest) => Promise<void>): Promise<http.IncomingMessage> => new Promise((resolve, reject) => {
  const r = http.request(`${origin}${path}`, { method, headers: { 'tus-resumable': '1.0.0', ...headers }, agent }, res => { res.resume(); resolve(res); });
  r.on('error', reject);
  if (body) body(r).catch(reject); else r.end();
});
const size = Number(values.mib) * 2 ** 20;
const chunk = Buffer.alloc(65536, 7);
const t0 = Date.now();
await Promise.all(Array.from({ length: Number(values.n) }, async () => {
  const created = await request('POST', '/uploads/', { 'upload-length': String(size) });
  const path = created.headers.location ?? '';
  const res = await request('PATCH', path, { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream', 'content-length': String(size) }, async r => {
    for (let sent = 0; sent < size; sent += chunk.length) if (!r.write(chunk)) await once(r, 'drain');
    r.end();
  });
  if (res.statusCode !== 204) console.log('status', res.statusCode);
}));
const secs = (Date.now() - t0) / 1000;
const after = await vm();
child.send('x');
const [told] = await once(child, 'message');
const mb = (o: Record<string, number>) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, Math.round(v / 2 ** 20)]));
console.log(JSON.stringify({ n: values.n, mib: values.mib, s3: values.s3 ?? false, node: values.node, secs, idle, after, growth: after.hwm - idle.rss, peak: mb(told.peak), now: mb(told.now), cpu: Math.round((told.cpu.user + told.cpu.system) / 1e4) / 100 }));
child.disconnect(); s3?.disconnect();
await once(child, 'exit');
rmSync(dir, { recursive: true });
process.exit(0);
