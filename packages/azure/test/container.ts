import type { ContainerClient } from '@azure/storage-blob';

/** What is there beside objects: names that are reserved, uploads on their way, blocks that no object has. */
export async function residueOf(container: ContainerClient, prefix = ''): Promise<string[]> {
  const residue: string[] = [];
  const objects: string[] = [];
  const whole = new Set<string>();
  for (const begin of prefix === '' ? [''] : [prefix, '.fieldfile/']) {
    for await (const { name } of container.listBlobsFlat({ prefix: begin })) whole.add(name);
    const all = container.listBlobsFlat({ prefix: begin, includeUncommitedBlobs: true });
    for await (const { name, properties } of all) {
      if (!whole.has(name)) residue.push(`${name} (blocks)`);
      else if (properties.contentType === 'application/vnd.fieldfile.reservation')
        residue.push(`${name} (reserved)`);
      else if (name.startsWith('.fieldfile/')) residue.push(name);
      else objects.push(name);
    }
  }
  for (const name of objects) {
    const { uncommittedBlocks = [] } = await container.getBlockBlobClient(name).getBlockList('uncommitted');
    if (uncommittedBlocks.length > 0) residue.push(`${name} (${uncommittedBlocks.length} blocks beside it)`);
  }
  return residue;
}
