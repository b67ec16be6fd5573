"""Says which of a list of documents, JSON texts in a JSON file, are valid by a schema: prints a list of true and false."""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
with open(sys.argv[2], encoding="utf-8") as file:
    documents = [json.loads(text) for text in json.load(file)]
print(json.dumps([validator.is_valid(document) for document in documents]))
