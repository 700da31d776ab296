import { expect, test } from 'vitest';
import { isWindowsDevice } from './windows-device.ts';

test.each(['con', 'CON.txt', 'NUL.tar.gz', 'aux ', 'prn .txt', 'COM1', 'lpt9.log', 'COM¹', 'CONIN$', 'nul:'])(
  '%j is a device',
  name => expect(isWindowsDevice(name)).toBe(true),
);

test.each(['', 'console', 'com', 'com10', 'a.con', '.con', '_con'])('%j is none', name =>
  expect(isWindowsDevice(name)).toBe(false),
);
