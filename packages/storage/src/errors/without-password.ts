/** A text in which no address shows the user and password that it was given with. */
export const withoutPassword = (text: string): string => text.replace(/\/\/[^/?#]*@/g, '//…@');
