/** Who signs in. */
export interface Account {
  email: string;
  password: string;
}

/** The administrator of `withAdmin`. */
export const ADMIN = { email: 'anna@example.com', password: 'correct horse battery staple' };

/** A second person, for tests that need two. */
export const BERT = { email: 'bert@example.com', password: 'incorrect zebra battery staple', firstName: 'Bert' };
