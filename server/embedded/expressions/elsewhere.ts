/** Ends the message of whatever MongoDB may know under a name that means nothing here. */
export const ELSEWHERE = "(embedded database; set MONGODB_URI to use a MongoDB server)";
