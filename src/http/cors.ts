// Pure: values in, values out.

/** Every answer that an addon's client may read carries this exactly once: twice is none (Fetch). */
export const OPEN_CORS: Readonly<Record<string, string>> = Object.freeze({
  "access-control-allow-origin": "*",
});
