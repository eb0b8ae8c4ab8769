"""The pages: authors change what they wrote, physicians and moderators look after answers, readers say what helped."""
