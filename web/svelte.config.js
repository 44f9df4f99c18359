// Svelte: runes only, styles in files of their own (a strict CSP allows no inline style element).
export default { compilerOptions: { runes: true, css: "external" } };
