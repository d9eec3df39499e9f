/**
 * Imports the test files named by its arguments, one after another:
 *
 *     deno test tools/import_tests.ts -- file…
 */
for (const file of Deno.args) await import(`../${file}`);
