import { suites } from './suites.ts';

// The process of one way: run-way.ts SUITE TITLE WAY FOLDER. Prints its figures as JSON.

const [suite = '', title, way = '', folder = ''] = process.argv.slice(2);
const comparisons = (await suites[suite]?.()) ?? [];
const comparison = comparisons.find(comparison => comparison.title === title);
const run = comparison?.ways[way] ?? comparison?.rivals?.[way];
if (!run) throw new Error(`There is no way ${JSON.stringify(way)} of ${suite}: ${title}.`);
console.log(JSON.stringify(await run(folder)));
