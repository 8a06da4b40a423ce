/** Each of these permissions lets the app read `accountEnabled` (learn.microsoft.com, user: get). */
export const MAY_READ_USERS = [
  "User.Read.All",
  "User.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];
