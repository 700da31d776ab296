import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import process from 'node:process';
import { FieldFileError } from '@fieldfile/core';

/**
 * The path of an installed program.
 *
 * @throws `unsupported` where there is none.
 */
export async function findTool(command: string, install: string): Promise<string> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const paths = isAbsolute(command) ? [command] : folders.map(folder => join(folder, command));
  if (process.platform !== 'win32')
    for (const path of paths)
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return path;
  throw new FieldFileError(
    'unsupported',
    `${command} is not installed, so nothing can be drawn: ${install}.`,
    {
      operation: 'process',
    },
  );
}
