/** What is written while a program is lowered, and read-only ever after. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };
