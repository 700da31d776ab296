/**
 * How names are made: Django's hooks as one strategy object. Each result is validated again by `Storage`, so that no
 * policy can lead out of it (CVE-2024-39330).
 */
export interface NamePolicy {
  /** Cleans the last segment of a name: `"john's portrait.jpg"` → `"johns_portrait.jpg"`. */
  getValidName(name: string): string;
  /** Cleans a whole relative path: folders kept, last segment through `getValidName`, `//` and `./` collapsed. */
  generateFilename(name: string): string;
  /** Another name for an occupied one: `("a", ".txt")` → `"a_x7Kp2Qz.txt"`. `root` has no folder. */
  getAlternativeName(root: string, extension: string): string;
  /** `'keep'`: the name as given while it is free. `'unique'`: always an alternative, so that no name is ever reused. */
  readonly first: 'keep' | 'unique';
}
