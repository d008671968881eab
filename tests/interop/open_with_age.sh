# With nothing but age, tar, jq and base64: open model.share, on the device it was sealed to.
# NAME is the person's, as given to `workbench init --name NAME --classical`.

# The device's key, out of the keystore file; age asks for the passphrase.
age -d keystore.age | jq -r .keys.$NAME | base64 -d | jq -r .sealing > device.key

# The release is an OCI image: the manifest lists the sealed files, other manifests hang on it.
mkdir parts && tar -xf model.share -C parts
blobs=parts/blobs/sha256
manifest=$(jq -r '.manifests[0].digest[7:]' parts/index.json)

# One of those holds the envelope that the device can open: an age identity file.
for other in $(jq -r '.manifests[1:][].digest[7:]' parts/index.json); do
  envelope=$(jq -r '.layers[0].digest[7:]' $blobs/$other)
  age -d -i device.key $blobs/$envelope > release.keys 2>/dev/null && break
done

# It opens the rest: first the evidence, whose second line is the owner's signature over the files…
layer() { age -d -i release.keys $blobs/$(jq -r ".layers[$1].digest[7:]" $blobs/$manifest); }
layer 0 > evidence.jsonl
sed -n 2p evidence.jsonl > model.sig
jq -r '.dsseEnvelope.payload' model.sig | base64 -d | jq -r '.predicate.resources[].name' > names

# … then the files, in the order of their names. Nothing is verified yet, so look at the names.
if grep -nE '^/|(^|/)\.\.(/|$)' names; then echo "These would leave the folder." >&2; exit 3; fi
number=0
while read -r name; do
  number=$((number + 1))
  mkdir -p "model/$(dirname "$name")"
  layer $number > "model/$name"
done < names

# Are these the files that the owner signed? owner.pem came another way: `workbench identity`.
model_signing verify key model --signature model.sig --public_key owner.pem
