/**
 * The folder in which each application that keeps objects at a location says so, with an object called by its id. What
 * lists the location does not see it: only who asks for names in it does.
 */
export const MARKS = 'fieldfile-application/';

/** Whether the name of an object, or of a folder with its slash, is in such a folder, at whatever depth. */
export function isMark(name: string): boolean {
  const place = name.indexOf(MARKS);
  if (place < 0) return false;
  return place === 0 || name[place - 1] === '/' || name.includes(`/${MARKS}`);
}
