/** A text in which no address shows the user and password that it was given with. */
export const withoutPassword = (text: string): string => text.replace(/\/\/[^/?#]*@/g, '//…@');

/** An address without the user and password that it was given with. */
export const withoutUser = (url: string): string => url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1');
