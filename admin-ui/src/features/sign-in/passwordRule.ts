/** Characters that a password has to have; the server asks for the same. */
export const PASSWORD_MIN = 8;
