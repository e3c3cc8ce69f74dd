# Prints the tables that studying changes. Argument: the collection.

col = Collection(sys.argv[1])
end = dump(col)
col.close()
print(json.dumps(end))
