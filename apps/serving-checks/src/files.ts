/** 1,000 bytes, none like its neighbours. */
export const THOUSAND: Buffer = Buffer.from(
  Array.from({ length: 1000 }, (_, index) => (index * 7 + (index >> 8)) % 256),
);

/** One transparent pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title = "ran"</script></svg>';

/** What every server serves, by its path. */
export const FILES: Readonly<Record<string, Buffer>> = {
  'thousand.bin': THOUSAND,
  'empty.bin': Buffer.alloc(0),
  'picture.svg': Buffer.from(SVG),
  'page.html': Buffer.from('<title>page</title><script>document.title = "ran"</script>'),
  'page.xhtml': Buffer.from('<html xmlns="http://www.w3.org/1999/xhtml"><title>page</title></html>'),
  'data.xml': Buffer.from('<data/>'),
  'script.js': Buffer.from('globalThis.ran = true;'),
  'style.css': Buffer.from('body { color: red }'),
  'note.txt': Buffer.from('Grüße\n'),
  'pixel.png': Buffer.from(PNG, 'base64'),
  'tone.mp3': Buffer.alloc(2000, 'x'),
  'clip.mp4': Buffer.alloc(2000, 'y'),
  'paper.pdf': Buffer.from('%PDF-1.4\n'),
  'no extension': Buffer.from('what is it?'),
  'größe “1” & 100%.txt': Buffer.from('a name with everything'),
  'עברית.txt': Buffer.from('a name from right to left'),
  'folder/inside.txt': Buffer.from('inside'),
};
