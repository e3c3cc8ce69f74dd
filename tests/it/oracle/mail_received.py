"""mail_received.py MAIL FOLDER: writes the attachment to FOLDER and prints its name."""
import email, email.policy, sys

with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
for part in mail.iter_attachments():
    name = part.get_filename()
    with open(f"{sys.argv[2]}/{name}", "wb") as out:
        out.write(part.get_payload(decode=True))
    print(name)
