const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])$/i;

/**
 * Whether Windows opens a device when asked for this file name, whatever its extension: `CON.txt`.
 *
 * @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export function isWindowsDevice(fileName: string): boolean {
  const stem = fileName.split(/[.:]/, 1)[0] ?? '';
  return DEVICE.test(stem.trimEnd());
}
