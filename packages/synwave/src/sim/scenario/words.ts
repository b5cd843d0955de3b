/** Words: a text in the two first languages of the project. */

export interface Words {
  readonly zh: string;
  readonly en: string;
}

export const languages = ['zh', 'en'] as const;

export type Language = (typeof languages)[number];
