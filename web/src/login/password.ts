// What the server asks of a password; said before it is typed.

export const PASSWORD_CHARACTERS_MIN = 10;
