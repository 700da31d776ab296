// A CommonJS application: Node loads the packages by require(esm).
const assert = require('node:assert/strict');
const { defineFiles } = require('@fieldfile/core');
const { FileSystemStorage } = require('@fieldfile/fs');

assert.equal(typeof defineFiles, 'function');
assert.equal(typeof FileSystemStorage, 'function');
