// The one door to the assertions, so that their types are declared once.

// @ts-types="./std_assert.d.ts"
export * from "@std/assert";
